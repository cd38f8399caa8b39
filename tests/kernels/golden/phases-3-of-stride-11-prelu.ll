define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load <4 x float>, ptr %v1, align 4
  %v3 = getelementptr float, ptr %post, i64 4
  %v4 = load float, ptr %v3, align 4
  %v5 = insertelement <4 x float> poison, float %v4, i64 0
  %v6 = shufflevector <4 x float> %v5, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v7 = icmp sgt i64 %pairs, 0
  br i1 %v7, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v2, %enter], [%a0_0_0.next, %body]
  %a0_1_0 = phi <4 x float> [%v2, %enter], [%a0_1_0.next, %body]
  %v8 = getelementptr float, ptr %wp, i64 1024
  call void @llvm.prefetch.p0(ptr %v8, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v9 = getelementptr float, ptr %wp, i64 0
  %v10 = load <4 x float>, ptr %v9, align 4
  %v11 = getelementptr float, ptr %xp, i64 1
  %v12 = load float, ptr %v11, align 4
  %v13 = insertelement <4 x float> poison, float %v12, i64 0
  %v14 = shufflevector <4 x float> %v13, <4 x float> poison, <4 x i32> zeroinitializer
  %v15 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v14, <4 x float> %v10, <4 x float> %a0_0_0)
  %v16 = getelementptr float, ptr %xp, i64 2
  %v17 = load float, ptr %v16, align 4
  %v18 = insertelement <4 x float> poison, float %v17, i64 0
  %v19 = shufflevector <4 x float> %v18, <4 x float> poison, <4 x i32> zeroinitializer
  %v20 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v19, <4 x float> %v10, <4 x float> %a0_1_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v21 = getelementptr float, ptr %wp, i64 4
  %v22 = load <4 x float>, ptr %v21, align 4
  %v23 = getelementptr float, ptr %xp, i64 0
  %v24 = load float, ptr %v23, align 4
  %v25 = insertelement <4 x float> poison, float %v24, i64 0
  %v26 = shufflevector <4 x float> %v25, <4 x float> poison, <4 x i32> zeroinitializer
  %v27 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v26, <4 x float> %v22, <4 x float> %v15)
  %v28 = select <4 x i1> <i1 true, i1 false, i1 false, i1 false>, <4 x float> %v27, <4 x float> %v15
  %v29 = getelementptr float, ptr %xp, i64 1
  %v30 = load float, ptr %v29, align 4
  %v31 = insertelement <4 x float> poison, float %v30, i64 0
  %v32 = shufflevector <4 x float> %v31, <4 x float> poison, <4 x i32> zeroinitializer
  %v33 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v32, <4 x float> %v22, <4 x float> %v20)
  %v34 = select <4 x i1> <i1 true, i1 false, i1 false, i1 false>, <4 x float> %v33, <4 x float> %v20
  %a0_0_0.next = bitcast <4 x float> %v28 to <4 x float>
  %a0_1_0.next = bitcast <4 x float> %v34 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 8
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v35 = phi <4 x float> [%v2, %enter], [%a0_0_0.next, %body]
  %v36 = phi <4 x float> [%v2, %enter], [%a0_1_0.next, %body]
  %v37 = mul i64 %y_channel, 0
  %v38 = getelementptr float, ptr %y, i64 %v37
  %v39 = fcmp olt <4 x float> %v35, zeroinitializer
  %v40 = fmul <4 x float> %v35, %v6
  %v41 = select <4 x i1> %v39, <4 x float> %v40, <4 x float> %v35
  %v42 = mul i64 %y_channel, 0
  %v43 = getelementptr float, ptr %y, i64 %v42
  %v44 = fcmp olt <4 x float> %v36, zeroinitializer
  %v45 = fmul <4 x float> %v36, %v6
  %v46 = select <4 x i1> %v44, <4 x float> %v45, <4 x float> %v36
  %v47 = icmp sle i64 %low, 0
  %v48 = icmp sge i64 %high, 14
  %v49 = and i1 %v47, %v48
  br i1 %v49, label %plain, label %masked
plain:
  %v50 = getelementptr float, ptr %v38, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v41, ptr %v50, i32 4, <4 x i1> <i1 true, i1 true, i1 true, i1 false>)
  %v51 = getelementptr float, ptr %v43, i64 11
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v46, ptr %v51, i32 4, <4 x i1> <i1 true, i1 true, i1 true, i1 false>)
  br label %end
masked:
  %v52 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v53 = shufflevector <4 x i64> %v52, <4 x i64> poison, <4 x i32> zeroinitializer
  %v54 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v53
  %v55 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v56 = shufflevector <4 x i64> %v55, <4 x i64> poison, <4 x i32> zeroinitializer
  %v57 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v56
  %v58 = and <4 x i1> %v54, %v57
  %v59 = and <4 x i1> %v58, <i1 true, i1 true, i1 true, i1 false>
  %v60 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v61 = shufflevector <4 x i64> %v60, <4 x i64> poison, <4 x i32> zeroinitializer
  %v62 = icmp sge <4 x i64> <i64 11, i64 12, i64 13, i64 14>, %v61
  %v63 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v64 = shufflevector <4 x i64> %v63, <4 x i64> poison, <4 x i32> zeroinitializer
  %v65 = icmp slt <4 x i64> <i64 11, i64 12, i64 13, i64 14>, %v64
  %v66 = and <4 x i1> %v62, %v65
  %v67 = and <4 x i1> %v66, <i1 true, i1 true, i1 true, i1 false>
  %v68 = getelementptr float, ptr %v38, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v41, ptr %v68, i32 4, <4 x i1> %v59)
  %v69 = getelementptr float, ptr %v43, i64 11
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v46, ptr %v69, i32 4, <4 x i1> %v67)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
