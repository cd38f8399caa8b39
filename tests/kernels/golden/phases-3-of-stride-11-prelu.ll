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
  %v9 = getelementptr float, ptr %v8, i64 0
  call void @llvm.prefetch.p0(ptr %v9, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v10 = getelementptr float, ptr %wp, i64 0
  %v11 = load <4 x float>, ptr %v10, align 4
  %v12 = getelementptr float, ptr %xp, i64 1
  %v13 = load float, ptr %v12, align 4
  %v14 = insertelement <4 x float> poison, float %v13, i64 0
  %v15 = shufflevector <4 x float> %v14, <4 x float> poison, <4 x i32> zeroinitializer
  %v16 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v15, <4 x float> %v11, <4 x float> %a0_0_0)
  %v17 = getelementptr float, ptr %xp, i64 2
  %v18 = load float, ptr %v17, align 4
  %v19 = insertelement <4 x float> poison, float %v18, i64 0
  %v20 = shufflevector <4 x float> %v19, <4 x float> poison, <4 x i32> zeroinitializer
  %v21 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v20, <4 x float> %v11, <4 x float> %a0_1_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v22 = getelementptr float, ptr %wp, i64 4
  %v23 = load <4 x float>, ptr %v22, align 4
  %v24 = getelementptr float, ptr %xp, i64 0
  %v25 = load float, ptr %v24, align 4
  %v26 = insertelement <4 x float> poison, float %v25, i64 0
  %v27 = shufflevector <4 x float> %v26, <4 x float> poison, <4 x i32> zeroinitializer
  %v28 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v27, <4 x float> %v23, <4 x float> %v16)
  %v29 = select <4 x i1> <i1 true, i1 false, i1 false, i1 false>, <4 x float> %v28, <4 x float> %v16
  %v30 = getelementptr float, ptr %xp, i64 1
  %v31 = load float, ptr %v30, align 4
  %v32 = insertelement <4 x float> poison, float %v31, i64 0
  %v33 = shufflevector <4 x float> %v32, <4 x float> poison, <4 x i32> zeroinitializer
  %v34 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v33, <4 x float> %v23, <4 x float> %v21)
  %v35 = select <4 x i1> <i1 true, i1 false, i1 false, i1 false>, <4 x float> %v34, <4 x float> %v21
  %a0_0_0.next = bitcast <4 x float> %v29 to <4 x float>
  %a0_1_0.next = bitcast <4 x float> %v35 to <4 x float>
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
  %v36 = phi <4 x float> [%v2, %enter], [%a0_0_0.next, %body]
  %v37 = phi <4 x float> [%v2, %enter], [%a0_1_0.next, %body]
  %v38 = mul i64 %y_channel, 0
  %v39 = getelementptr float, ptr %y, i64 %v38
  %v40 = fcmp olt <4 x float> %v36, zeroinitializer
  %v41 = fmul <4 x float> %v36, %v6
  %v42 = select <4 x i1> %v40, <4 x float> %v41, <4 x float> %v36
  %v43 = mul i64 %y_channel, 0
  %v44 = getelementptr float, ptr %y, i64 %v43
  %v45 = fcmp olt <4 x float> %v37, zeroinitializer
  %v46 = fmul <4 x float> %v37, %v6
  %v47 = select <4 x i1> %v45, <4 x float> %v46, <4 x float> %v37
  %v48 = icmp sle i64 %low, 0
  %v49 = icmp sge i64 %high, 14
  %v50 = and i1 %v48, %v49
  br i1 %v50, label %plain, label %masked
plain:
  %v51 = getelementptr float, ptr %v39, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v42, ptr %v51, i32 4, <4 x i1> <i1 true, i1 true, i1 true, i1 false>)
  %v52 = getelementptr float, ptr %v44, i64 11
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v47, ptr %v52, i32 4, <4 x i1> <i1 true, i1 true, i1 true, i1 false>)
  br label %end
masked:
  %v53 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v54 = shufflevector <4 x i64> %v53, <4 x i64> poison, <4 x i32> zeroinitializer
  %v55 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v54
  %v56 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v57 = shufflevector <4 x i64> %v56, <4 x i64> poison, <4 x i32> zeroinitializer
  %v58 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v57
  %v59 = and <4 x i1> %v55, %v58
  %v60 = and <4 x i1> %v59, <i1 true, i1 true, i1 true, i1 false>
  %v61 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v62 = shufflevector <4 x i64> %v61, <4 x i64> poison, <4 x i32> zeroinitializer
  %v63 = icmp sge <4 x i64> <i64 11, i64 12, i64 13, i64 14>, %v62
  %v64 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v65 = shufflevector <4 x i64> %v64, <4 x i64> poison, <4 x i32> zeroinitializer
  %v66 = icmp slt <4 x i64> <i64 11, i64 12, i64 13, i64 14>, %v65
  %v67 = and <4 x i1> %v63, %v66
  %v68 = and <4 x i1> %v67, <i1 true, i1 true, i1 true, i1 false>
  %v69 = getelementptr float, ptr %v39, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v42, ptr %v69, i32 4, <4 x i1> %v60)
  %v70 = getelementptr float, ptr %v44, i64 11
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v47, ptr %v70, i32 4, <4 x i1> %v68)
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
